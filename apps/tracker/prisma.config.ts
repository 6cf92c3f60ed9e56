import { defineConfig } from 'prisma/config';

// `prisma generate` looks for the schema engine although it never runs it; any executable keeps it from being fetched.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: 'prisma/schema.prisma', migrations: { path: 'prisma/migrations' } });
