/** Whether what was thrown is LangGraph's way of telling the graph something, such as an interrupt. */
export function isBubbleUp(error: unknown): boolean {
  return (error as { is_bubble_up?: unknown } | null)?.is_bubble_up === true;
}
