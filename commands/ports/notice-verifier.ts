/** Verifies that a notice comes from the gateway, by the headers and the bytes of the body as they arrived. */
export interface NoticeVerifier {
  verify(header: (name: string) => string | undefined, body: Uint8Array): boolean;
}
