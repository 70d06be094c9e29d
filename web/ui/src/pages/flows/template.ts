/** What a new flow or survey begins with: the smallest that is whole. */
export function template(kind: string, name: string): string {
  if (kind === "survey")
    return `kind: survey
version: 1
id: ${name}
languages: [zh-TW, en]
thanks: {zh-TW: 謝謝您，再見。, en: Thank you. Goodbye.}
questions:
  - id: satisfaction
    kind: csat5
    text: {zh-TW: 滿意請按五，不滿意請按一。, en: "Press five for satisfied, one for dissatisfied."}
`;
  return `kind: flow
version: 1
id: ${name}
languages: [zh-TW, en]
start: welcome

prompts:
  welcome:
    zh-TW: 您好，歡迎來電。
    en: Welcome.
  goodbye:
    zh-TW: 感謝您的來電，再見。
    en: Thank you for calling. Goodbye.

steps:
  welcome:
    play: {say: welcome, next: goodbye}
  goodbye:
    hangup: {say: goodbye}
`;
}
