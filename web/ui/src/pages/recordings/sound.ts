/** Volume of each side of a recording: 1 is as it was recorded. */
export type Volumes = { caller: number; agent: number };

export type Mixer = { set: (volumes: Volumes) => void; resume: () => void; close: () => void };

/**
 * Gives each channel of an audio element a volume of its own. Both are heard in both ears when mixed. Browsers let sound
 * begin only after a click or a key, so this is made when somebody changes a volume, and not before.
 */
export function mixer(audio: HTMLAudioElement): Mixer {
  const context = new AudioContext();
  const source = context.createMediaElementSource(audio);
  const splitter = context.createChannelSplitter(2);
  const merger = context.createChannelMerger(2);
  const gains = [context.createGain(), context.createGain()] as const;
  source.connect(splitter);
  gains.forEach((gain, channel) => {
    splitter.connect(gain, channel);
    gain.connect(merger, 0, channel);
  });
  merger.connect(context.destination);
  return {
    set: (volumes) => {
      gains[0].gain.value = volumes.caller;
      gains[1].gain.value = volumes.agent;
    },
    resume: () => void context.resume(),
    close: () => void context.close(),
  };
}
