/**
 * The tools that a manager has, as data.
 *
 * @param {typeof import("langchain-1password").ToolManager} Manager
 */
export function descriptorsOf(Manager) {
  const manager = new Manager({
    accountId: "F3DQ4R3UJNFGZMOLAFKVWOYHOE",
    clientId: "client",
    clientSecret: "secret",
  });
  return manager.getDescriptors();
}
