import { Button, Modal } from "@mantine/core";
import { type ReactNode, useState } from "react";

type Props = { title: string; icon: ReactNode; size: "lg" | "xl"; children: ReactNode };

/** A button of the page's head that opens a dialog of the same name; what is in it is read when it opens. */
export function DialogButton({ title, icon, size, children }: Props) {
  const [open, setOpen] = useState(false);
  return (
    <>
      <Button size="xs" variant="default" leftSection={icon} onClick={() => setOpen(true)}>
        {title}
      </Button>
      <Modal
        opened={open}
        onClose={() => setOpen(false)}
        title={title}
        size={size}
        closeButtonProps={{ "aria-label": "Esc" }}
      >
        {children}
      </Modal>
    </>
  );
}
