// Mutes one side of a stereo recording. The other side then plays in both ears.

export class Sides {
  /** @param {HTMLMediaElement} media */
  constructor(media) {
    this.media = media;
    this.heard = [true, true];
  }

  /** @param {number} side 0 is the caller (left), 1 the called (right) @returns {boolean} whether it is heard now */
  toggle(side) {
    this.heard[side] = !this.heard[side];
    // The browser lets a page make an audio context only in answer to a person's act, such as this one.
    this.gains ??= this.connect();
    this.apply();
    return this.heard[side];
  }

  connect() {
    const context = new AudioContext();
    const split = context.createChannelSplitter(2);
    const merge = context.createChannelMerger(2);
    context.createMediaElementSource(this.media).connect(split);
    this.media.addEventListener("play", () => context.resume());
    if (!this.media.paused) context.resume();
    const gains = [0, 1].map((from) =>
      [0, 1].map((to) => {
        const gain = context.createGain();
        split.connect(gain, from);
        gain.connect(merge, 0, to);
        return gain;
      }),
    );
    merge.connect(context.destination);
    return gains;
  }

  apply() {
    for (const from of [0, 1]) {
      for (const to of [0, 1]) {
        const alone = this.heard[from] && !this.heard[1 - from];
        this.gains[from][to].gain.value = this.heard[from] && (from === to || alone) ? 1 : 0;
      }
    }
  }
}
