import * as z from 'zod';
import { codeSchema, textSchema } from './text.ts';

/** Body of every HTTP error, and what stands in the way of a transfer: code, what happened, and what to do next. */
export const problemSchema = z.strictObject({ code: codeSchema, message: textSchema, hint: textSchema });
