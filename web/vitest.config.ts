import vue from '@vitejs/plugin-vue'
import { defineConfig } from 'vitest/config'

/* One run for every package and app. Tests that need a page start with
   `// @vitest-environment happy-dom`; all others run in plain Node. */
export default defineConfig({
  plugins: [vue()],
  test: {
    include: ['packages/*/{src,test}/**/*.test.ts', 'apps/*/{src,test}/**/*.test.ts'],
    environment: 'node',
    restoreMocks: true,
  },
})
