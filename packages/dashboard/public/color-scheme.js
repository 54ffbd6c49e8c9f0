// Sets the colour scheme before the first paint. A file of its own, because the content security policy allows no inline
// scripts. The key is the one that Mantine keeps the choice under.
(() => {
  let choice = 'auto';
  try {
    choice = localStorage.getItem('signalbox-color-scheme') ?? 'auto';
  } catch {
    // Storage may be forbidden; the system's preference is a good answer then.
    choice = 'auto';
  }
  const dark = choice === 'dark' || (choice === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
})();
