import { expect, test } from "vitest";
import { split } from "./links";

test("addresses in a text become links, and the words around them stay", () => {
  const of = (text: string) => split(text).map((p) => (p.link ? `<${p.text}>` : p.text));
  expect(of("請點 https://a.example/s/Ab_1-x。謝謝")).toEqual(["請點 ", "<https://a.example/s/Ab_1-x>", "。謝謝"]);
  expect(of("See http://localhost:8080/s/x?l=en.")).toEqual(["See ", "<http://localhost:8080/s/x?l=en>", "."]);
  expect(of("https://a.example/1\nhttps://a.example/2")).toEqual([
    "<https://a.example/1>",
    "\n",
    "<https://a.example/2>",
  ]);
  expect(of("javascript:alert(1)")).toEqual(["javascript:alert(1)"]);
  expect(of("")).toEqual([]);
});
