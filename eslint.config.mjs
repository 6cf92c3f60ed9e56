import { builtinModules } from 'node:module';
import eslint from '@eslint/js';
import nx from '@nx/eslint-plugin';
import prettier from 'eslint-config-prettier';
import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

/** The arrows of docs/architecture.md. The tags stand in each package.json; what is not listed is refused. */
const arrows = {
  'scope:protocol': [],
  'scope:engine': ['scope:protocol'],
  'scope:client': ['scope:protocol'],
  'scope:tracker': ['scope:protocol'],
  'scope:dashboard': ['scope:client', 'scope:protocol'],
  'scope:peer-agent': ['scope:engine', 'scope:client', 'scope:protocol'],
  'scope:testbed': ['scope:client', 'scope:protocol'],
  'scope:e2e': ['scope:testbed', 'scope:client', 'scope:engine', 'scope:protocol'],
  'scope:bench': ['scope:testbed', 'scope:client', 'scope:engine', 'scope:protocol'],
  'scope:battery': ['scope:testbed', 'scope:client', 'scope:engine', 'scope:protocol'],
  'scope:swarm': ['scope:testbed', 'scope:client', 'scope:engine', 'scope:protocol'],
};
const boundaries = {
  allow: [],
  enforceBuildableLibDependency: false,
  // A test may see its own project as others see it.
  allowCircularSelfDependency: true,
  depConstraints: [
    { sourceTag: '*', onlyDependOnLibsWithTags: ['type:lib'] },
    ...Object.entries(arrows).map(([sourceTag, onlyDependOnLibsWithTags]) => ({ sourceTag, onlyDependOnLibsWithTags })),
  ],
};

const outerLayers = { regex: '^(\\.\\./)+(node|testing)/', message: 'The inner layers do not know the outer ones.' };
const nodeModules = {
  regex: `^(node:.*|(${builtinModules.filter((name) => !name.startsWith('_')).join('|')})(/.*)?|ws)$`,
  message: 'No I/O here: what comes from outside arrives as an argument.',
};
const globalsOfNode = ['process', 'Buffer', 'setImmediate', 'clearImmediate', '__dirname', '__filename'];
const globalsOfTime = [
  ...['setTimeout', 'setInterval', 'clearTimeout', 'clearInterval', 'queueMicrotask'],
  ...['Date', 'performance', 'crypto', 'fetch', 'WebSocket', 'console'],
];

export default defineConfig(
  globalIgnores(['**/dist/', '**/reports/', '.nx/', 'apps/tracker/src/store/generated/']),
  eslint.configs.recommended,
  {
    files: ['**/*.{ts,tsx}'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    plugins: { '@nx': nx },
    rules: {
      '@nx/enforce-module-boundaries': ['error', boundaries],
      '@typescript-eslint/consistent-type-assertions': [
        'error',
        { assertionStyle: 'as', objectLiteralTypeAssertions: 'never' },
      ],
      '@typescript-eslint/consistent-type-exports': 'error',
      '@typescript-eslint/prefer-promise-reject-errors': ['error', { allowThrowingUnknown: true }],
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
      '@typescript-eslint/no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'no-restricted-syntax': [
        'error',
        { selector: 'ExportAllDeclaration', message: 'Name what is exported.' },
        { selector: 'ExportDefaultDeclaration', message: 'Named exports only.' },
      ],
    },
  },
  {
    rules: {
      complexity: ['error', 10],
      'max-depth': ['error', 3],
      'max-lines': ['error', 300],
      'max-lines-per-function': ['error', 60],
      'max-params': ['error', 4],
      'no-console': 'error',
      eqeqeq: 'error',
    },
  },
  {
    files: ['libs/engine/src/shell/**/*.ts', 'libs/engine/src/index.ts'],
    rules: { 'no-restricted-imports': ['error', { patterns: [nodeModules, outerLayers] }] },
  },
  {
    files: ['libs/engine/src/core/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        { patterns: [nodeModules, { ...outerLayers, regex: '^(\\.\\./)+(shell|node|testing)/' }] },
      ],
      'no-restricted-globals': ['error', ...globalsOfNode, ...globalsOfTime],
      'no-restricted-properties': ['error', { object: 'Math', property: 'random' }],
    },
  },
  {
    files: ['libs/protocol/src/**/*.ts'],
    rules: {
      'no-restricted-imports': ['error', { patterns: [nodeModules] }],
      'no-restricted-globals': ['error', ...globalsOfNode],
    },
  },
  {
    files: ['apps/e2e/**/*.ts'],
    rules: {
      'no-restricted-imports': [
        'error',
        {
          paths: ['@shoal/engine', '@shoal/engine/node'].map((name) => ({
            name,
            message: 'Only @shoal/engine/testing.',
          })),
        },
      ],
    },
  },
  {
    // A suite is as long as its rules are many; each rule in it stays short by itself.
    files: ['**/test/**/*.ts', '**/*.contract.ts'],
    rules: {
      'max-lines-per-function': 'off',
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
  {
    // Vitest takes its configuration from the default export.
    files: ['**/*.config.ts'],
    rules: { 'no-restricted-syntax': 'off' },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: { globals: { process: 'readonly', __dirname: 'readonly' } },
  },
  {
    files: ['**/*.mjs', '**/*.js'],
    languageOptions: { globals: { process: 'readonly', console: 'readonly', URL: 'readonly' } },
    rules: { 'no-console': 'off' },
  },
  prettier,
);
