/** What a handler answers that is sent as it comes, and masked by whoever makes it. */
export class StreamedText {
  readonly mediaType: string;
  readonly pieces: AsyncIterable<string>;

  constructor(mediaType: string, pieces: AsyncIterable<string>) {
    this.mediaType = mediaType;
    this.pieces = pieces;
  }
}
