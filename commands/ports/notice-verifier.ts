/** How a gateway proves that a notice is its own: by the headers and the bytes of the body, as they came. */
export interface NoticeVerifier {
  verify(header: (name: string) => string | undefined, body: Uint8Array): boolean;
}
