import { Tooltip } from "@mantine/core";
import type { ReactNode } from "react";

/** A figure's name, with its definition one hover, focus or touch away. */
export function Definition({ children, text }: { children: ReactNode; text: string }) {
  return (
    <Tooltip label={text} multiline w={260} events={{ hover: true, focus: true, touch: true }}>
      {/* biome-ignore lint/a11y/noNoninteractiveTabindex: the definition must be reachable by keyboard */}
      <span className="definition" tabIndex={0}>
        {children}
      </span>
    </Tooltip>
  );
}
