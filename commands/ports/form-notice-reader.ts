// Opens a notice of the channel whose messages are signed forms.

export interface FormNoticeReader {
  /** What the notice says, with its amount in fen. Undefined: the gateway has not signed it, or too long ago. */
  read(body: Uint8Array): Promise<{ readonly message: unknown } | undefined>;
}
