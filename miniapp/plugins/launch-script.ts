import { build, type Plugin } from "vite";

const PLACE = "<!-- launch script -->";
const COMMENTS = /\s*<!--[\s\S]*?-->/g;
const CROSS_ORIGIN = / crossorigin(?=[ >])/g;

interface LaunchScriptOptions {
  page: string;
  source: string;
}

/**
 * Put the compiled launch script where `page` says `<!-- launch script -->`.
 *
 * It must run before the browser asks for anything else, so it is the only inline script: a plain
 * `<script>` without attributes, whose SHA-256 the server puts into the page's Content-Security-Policy.
 */
export function launchScript({ page, source }: LaunchScriptOptions): Plugin {
  return {
    name: "ovqat:launch-script",
    transformIndexHtml: {
      order: "post",
      async handler(html, { path }) {
        if (path !== `/${page}`) return tidy(html);
        const [before, after, ...more] = html.split(PLACE);
        if (before === undefined || after === undefined || more.length > 0) throw new Error(`${page} needs one ${PLACE}`);
        return `${tidy(before)}<script>${await compile(source)}</script>${tidy(after)}`;
      },
    },
  };
}

/** Everything comes from our own origin, and comments are for those who read the source. */
function tidy(html: string): string {
  return html.replace(CROSS_ORIGIN, "").replace(COMMENTS, "");
}

async function compile(source: string): Promise<string> {
  const result = await build({
    configFile: false,
    logLevel: "warn",
    build: {
      write: false,
      target: "es2015",
      modulePreload: false,
      lib: { entry: source, formats: ["iife"], name: "launch" },
    },
  });
  const outputs = Array.isArray(result) ? result : [result];
  const [first] = outputs;
  if (first === undefined || !("output" in first)) throw new Error(`${source} gave no script`);
  const code = first.output[0].code.trim();
  if (code.includes("</script")) throw new Error(`${source} would close its own script element`);
  return code;
}
