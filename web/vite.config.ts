import tailwind from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vite";

// The program that `npm run dev` asks for answers.
const program = process.env.UBIQUITOUS_URL ?? "http://127.0.0.1:7474";

const proxy = { "/api": { target: program, changeOrigin: true }, "/openapi.json": { target: program, changeOrigin: true } };

export default defineConfig({
  plugins: [react(), tailwind()],
  build: {
    outDir: "dist",
    // The content policy forbids inline content, so nothing is inlined into the page.
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: { entryFileNames: "assets/[name]-[hash].js", chunkFileNames: "assets/[name]-[hash].js" },
    },
  },
  server: { host: "127.0.0.1", proxy },
  preview: { host: "127.0.0.1", proxy },
});
