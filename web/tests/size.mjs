// The first view loads at most 300 KB of compressed script.
import { readdirSync, readFileSync } from "node:fs";
import { gzipSync } from "node:zlib";

const LIMIT = 300 * 1024;
const folder = new URL("../dist/", import.meta.url);
const page = readFileSync(new URL("index.html", folder), "utf8");
const first = new Set([...page.matchAll(/(?:src|href)="\/(assets\/[^"]+\.js)"/g)].map((match) => match[1]));
// The overview is the first page; its own chunks are loaded with it.
const manifest = readdirSync(new URL("assets/", folder)).filter((name) => name.endsWith(".js"));
const overview = manifest.find((name) => name.startsWith("overview-"));
if (overview) first.add(`assets/${overview}`);
for (const name of [...first]) {
  const text = readFileSync(new URL(name, folder), "utf8");
  for (const match of text.matchAll(/from"\.\/([^"]+\.js)"/g)) first.add(`assets/${match[1]}`);
}
const bytes = [...first].reduce((sum, name) => sum + gzipSync(readFileSync(new URL(name, folder))).length, 0);
const text = `first view: ${Math.round(bytes / 1024)} KB of compressed script in ${first.size} files`;
if (bytes > LIMIT || first.size === 0) {
  console.error(`${text}, limit ${LIMIT / 1024} KB`);
  process.exit(1);
}
console.log(text);
