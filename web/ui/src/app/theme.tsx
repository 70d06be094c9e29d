import { Alert, createTheme } from "@mantine/core";

export const theme = createTheme({
  primaryColor: "indigo",
  // Darker than usual: white words on the default shades miss the contrast of WCAG AA.
  primaryShade: { light: 8, dark: 8 },
  autoContrast: true,
  fontFamily:
    'system-ui, -apple-system, "Segoe UI", Roboto, "Noto Sans TC", "Noto Sans CJK TC", "PingFang TC", "Microsoft JhengHei", sans-serif',
  headings: { fontWeight: "650" },
  defaultRadius: "md",
  cursorType: "pointer",
  respectReducedMotion: true,
  components: {
    // The colour of the alert says its kind; its words stay readable.
    Alert: Alert.extend({ styles: { title: { color: "var(--mantine-color-text)" } } }),
  },
});
