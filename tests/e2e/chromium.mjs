// Unpacks the Chromium that its npm package holds, and the libraries it wants of the system (NSS), which the package
// holds too; prints where both are.
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

import chromium, { inflate } from "@sparticuz/chromium";

const packed = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "bin");
const path = await chromium.executablePath();
const libraries = join(await inflate(join(packed, "al2023.tar.br")), "lib");

process.stdout.write(JSON.stringify({ path, libraries }));
