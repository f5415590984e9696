/** Where the person is between opening us and being at home: each of these is one full screen. */
export type Phase =
  | { name: "loading"; slow: boolean }
  | { name: "ready" }
  | { name: "offline"; trying: boolean }
  | { name: "unavailable"; trying: boolean }
  /** `until`: when the server said to come back, in milliseconds since 1970. */
  | { name: "busy"; until: number }
  | { name: "noToken" }
  | { name: "renewing" }
  | { name: "expired" }
  | { name: "refused" }
  | { name: "failed"; requestId: string | null };
