/** A two-aspect signal, its lower lamp lit: the road is clear. */
export function Logo() {
  return (
    <svg width="20" height="24" viewBox="0 0 20 24" aria-hidden>
      <rect x="4" y="0.5" width="12" height="19" rx="6" fill="#2b333d" />
      <rect x="9" y="19.5" width="2" height="4" fill="#6a7683" />
      <circle cx="10" cy="6" r="2.7" fill="#6b2a26" />
      <circle cx="10" cy="13.6" r="3.3" fill="#4cc7da" />
    </svg>
  );
}
