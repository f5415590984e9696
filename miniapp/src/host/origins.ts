/**
 * The origins we exchange messages with: those the server wrote into the page, and our own, where the demo
 * page lives. What is not exactly an origin (`*` above all) is left out.
 */
export function allowedOrigins(page: Document, own: string): string[] {
  const meta = page.querySelector<HTMLMetaElement>('meta[name="ovqat:allowed-origins"]');
  const listed = (meta?.content ?? "").split(/\s+/).filter(isOrigin);
  return [...new Set([...listed, own])].filter(isOrigin);
}

function isOrigin(text: string): boolean {
  try {
    return new URL(text).origin === text;
  } catch {
    return false;
  }
}
