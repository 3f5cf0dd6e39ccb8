/** Loads the styles: Mantine's for the components that the page uses, then the visual language. */
import '@mantine/core/styles.css';
import './theme.css';
