import react from '@vitejs/plugin-react';
import { defaultClientConditions, defineConfig } from 'vite';

/** Where `npm run dev` finds the server whose API it shows. */
const SERVER = 'http://127.0.0.1:4780';

export default defineConfig({
  plugins: [react()],
  base: '/',
  resolve: { conditions: ['source', ...defaultClientConditions] },
  build: {
    outDir: 'dist',
    target: 'es2022',
    // The server's content security policy allows files of its own and no data: addresses.
    assetsInlineLimit: 0,
    reportCompressedSize: true,
  },
  server: { proxy: { '/api': SERVER, '/health': SERVER, '/metrics': SERVER } },
});
