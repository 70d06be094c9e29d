import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = "http://127.0.0.1:8080";

export default defineConfig({
  plugins: [react()],
  build: { chunkSizeWarningLimit: 900, emptyOutDir: true },
  // The server compares Origin with Host, so Host stays what the browser sent.
  server: {
    proxy: { "/api": { target: server, ws: true, changeOrigin: false } },
    // Tests read the card that is shipped, and the templates that Go checks.
    fs: { allow: [".", "../../qa/card", "../../ivr/flowfile/testdata"] },
  },
  test: { environment: "jsdom", include: ["src/**/*.test.{ts,tsx}"] },
});
