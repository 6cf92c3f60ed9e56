-- CreateTable
CREATE TABLE "Share" (
    "id" INTEGER NOT NULL PRIMARY KEY AUTOINCREMENT,
    "infoHash" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "length" BIGINT NOT NULL,
    "fileCount" INTEGER NOT NULL,
    "registeredAt" TEXT NOT NULL,
    "paths" TEXT NOT NULL,
    "document" TEXT NOT NULL
);

-- CreateTable
CREATE TABLE "Registration" (
    "infoHash" TEXT NOT NULL,
    "peerId" TEXT NOT NULL,
    "host" TEXT NOT NULL,
    "port" INTEGER NOT NULL,
    "left" BIGINT NOT NULL,

    PRIMARY KEY ("infoHash", "peerId")
);

-- CreateIndex
CREATE UNIQUE INDEX "Share_infoHash_key" ON "Share"("infoHash");

-- Full-text index of name and paths for queries of three characters and more. The text arrives folded, so the
-- tokenizer compares exactly; nothing is stored but the index.
CREATE VIRTUAL TABLE "ShareText" USING fts5("text", content='', columnsize=0, tokenize='trigram case_sensitive 1');

-- Index of the single characters and pairs in name and paths, for shorter queries.
CREATE VIRTUAL TABLE "ShareGram" USING fts5("grams", content='', columnsize=0, detail=none, tokenize='ascii');
