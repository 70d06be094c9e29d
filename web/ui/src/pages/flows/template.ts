import { written } from "./patch";
import { questionKinds } from "./questions";

/** What a new flow or survey may begin with, the usual one first. */
export const templates: Record<string, string[]> = {
  survey: ["care", "solved", "blank"],
  flow: ["plain", "reception"],
};

const around = `thanks: {zh-TW: 感謝您的寶貴意見，祝您有美好的一天，再見。, en: Thank you for your valuable opinion. Have a nice day. Goodbye.}
goodbye: {zh-TW: 感謝您的來電，再見。, en: Thank you for calling. Goodbye.}
invalid: {zh-TW: 您輸入的數字不正確。, en: That number is not valid.}
silent: {zh-TW: 我們沒有收到您的回答。, en: We did not receive your answer.}
`;

const intro = `intro: {zh-TW: 感謝您的來電，耽誤您一分鐘，請為我們的服務評分。, en: Thank you for your call. Please take a minute to rate our service.}
`;

function question(kind: string, more = ""): string {
  const { id, text, options } = questionKinds[kind] ?? { id: kind, text: {} };
  const choices = Object.entries(options ?? {}).map(([digit, label]) => `      ${digit}: ${written(label)}\n`);
  const offered = choices.length > 0 ? `    options:\n${choices.join("")}` : "";
  return `  - id: ${id}\n    kind: ${kind}\n    text: ${written(text)}\n${offered}${more}`;
}

const begin = (kind: string, name: string) => `kind: ${kind}
version: 1
id: ${name}
languages: [zh-TW, en]
`;

const bodies: Record<string, string> = {
  care: `${intro}${around}questions:
${question("csat5")}${question("nps11", "    fail: end\n")}`,
  solved: `${intro}${around}questions:
${question("yesno", "    then: {1: satisfaction}\n")}${question("choice")}${question("csat5")}`,
  blank: "thanks: {zh-TW: 謝謝您，再見。, en: Thank you. Goodbye.}\nquestions: []\n",
  plain: `start: welcome

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
`,
  reception: `start: welcome

prompts:
  welcome:
    zh-TW: 您好，歡迎來電。
    en: Welcome.
  choose:
    zh-TW: 聽取我們的服務時間，請按一。重聽，請按九。
    en: For our opening hours, press one. To hear this again, press nine.
  wrong:
    zh-TW: 您輸入的選項不正確。
    en: That is not one of the choices.
  opening:
    zh-TW: 我們的服務時間是週一到週五，上午九點到下午六點。
    en: We are open from Monday to Friday, nine to six.
  goodbye:
    zh-TW: 感謝您的來電，再見。
    en: Thank you for calling. Goodbye.

steps:
  welcome:
    play: {say: welcome, next: menu}
  menu:
    menu:
      say: choose
      timeout: {repeat: 1, next: goodbye}
      invalid: {say: wrong, repeat: 2, next: goodbye}
      choices:
        1: {label: {zh-TW: 服務時間, en: Opening hours}, next: opening}
        9: {next: menu}
  opening:
    play: {say: opening, next: goodbye}
  goodbye:
    hangup: {say: goodbye}
`,
};

/** The text that a new one begins with; each but the blank survey is whole. */
export function template(kind: string, name: string, from: string | undefined): string {
  const of = templates[kind] ?? [];
  return begin(kind, name) + bodies[from && of.includes(from) ? from : (of[0] ?? "")];
}
