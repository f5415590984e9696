// Unpacks the Chromium that its npm package holds and prints where it is.
import chromium from "@sparticuz/chromium";

process.stdout.write(await chromium.executablePath());
