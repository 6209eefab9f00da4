import js from '@eslint/js'
import tseslint from 'typescript-eslint'

export default tseslint.config(
  { ignores: ['dist/', 'coverage/', 'data/', 'reports/', '.stryker-tmp/'] },
  js.configs.recommended,
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      // A chemical, a status or a port in a message is what the message is for.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // Routes, models and organelles are the documented shape: functions and classes of statics.
      '@typescript-eslint/no-extraneous-class': 'off',
      // `import x = require()` and `export =` are what the upstream packages load.
      '@typescript-eslint/no-require-imports': ['error', { allowAsImport: true }],
      // The documented routes: `if (err) return next(err)`.
      '@typescript-eslint/no-confusing-void-expression': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    // The packages that it declares take and give anything.
    files: ['context/cell/organic.d.ts'],
    rules: { '@typescript-eslint/no-explicit-any': 'off' },
  },
  {
    // Typed rules cost seconds. tsc checks the types of tests; what it cannot see is a test that does not wait.
    files: ['test/**/*.ts'],
    rules: {
      ...tseslint.configs.disableTypeChecked.rules,
      '@typescript-eslint/await-thenable': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/no-unused-expressions': 'off',
    },
  },
  {
    // They import the package, which only its test installs for them.
    files: ['examples/**/*.ts'],
    rules: { ...tseslint.configs.disableTypeChecked.rules, '@typescript-eslint/no-namespace': 'off' },
    languageOptions: tseslint.configs.disableTypeChecked.languageOptions,
  },
  {
    files: ['**/*.mjs'],
    languageOptions: { globals: { console: 'readonly', fetch: 'readonly', process: 'readonly' } },
  },
  {
    files: ['**/*.{js,cjs}'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: {
        __dirname: 'readonly',
        __filename: 'readonly',
        Buffer: 'readonly',
        console: 'readonly',
        module: 'writable',
        require: 'readonly',
        process: 'readonly',
      },
    },
  },
)
