/** Imported before all else: the page's policy forbids to make code out of text, and zod would try. */
import { config } from 'zod';

config({ jitless: true });
