// What a program of somebody else would write against the types made from the document.
import type { components, paths } from "./api";

type Note = components["schemas"]["notes"];
type NewNote = components["schemas"]["notes_create"];
type ListQuery = NonNullable<paths["/notes"]["get"]["parameters"]["query"]>;

const created: NewNote = { title: "Milk", rank: 3 };
const query: ListQuery = { title: "Milk", size: 10, sort: "-date_created", comparisons: { rank__gte: "2" } };
export function titles(page: components["schemas"]["notes_page"]): string[] {
  return page.items.map((note: Note) => note.title ?? "");
}
// @ts-expect-error a title is needed
const wrong: NewNote = { rank: 3 };
// @ts-expect-error there is no such operator on numbers
const wrongQuery: ListQuery = { comparisons: { rank__icontains: "2" } };
export const all = [created, query, wrong, wrongQuery];
