/** Whether what was thrown is LangGraph's way of telling the graph something, such as an interrupt. */
export function isBubbleUp(error: unknown): boolean {
  return (error as { is_bubble_up?: unknown } | null)?.is_bubble_up === true;
}

/**
 * Whether such a signal ends everything else that its host does in the same step. One that says of itself that it
 * stops only its own call does not.
 */
export function stopsHost(error: unknown): boolean {
  return isBubbleUp(error) && (error as { stops_only_its_call?: unknown }).stops_only_its_call !== true;
}
