import { configDefaults, defineConfig } from "vitest/config";

// Drives a real Chromium (CHROMIUM names it) against the built dashboard.
const takesScreens = process.argv.some((word) => word.includes("screens"));

export default defineConfig({
  test: {
    include: ["tests/browser/**/*.test.ts"],
    exclude: [...configDefaults.exclude, ...(takesScreens ? [] : ["**/screens.test.ts"])],
    environment: "node",
    watch: false,
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
