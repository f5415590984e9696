/**
 * Hear of errors nobody caught, if they are ours: hosts run scripts of their own on our page, and their mistakes
 * must not take the screen away from the person. The errors still reach the console and the host's own reports.
 */
export function watchForErrors(page: Window, onError: () => void): void {
  const files = `${page.location.origin}/assets/`;
  page.addEventListener("unhandledrejection", ({ reason }) => {
    if (reason instanceof Error && reason.stack?.includes(files)) onError();
  });
  page.addEventListener("error", ({ filename }) => {
    if (filename?.startsWith(files)) onError();
  });
}
