using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Tables;

/// <param name="Type">OpenAPI type of the cells: string, integer, number, boolean, date.</param>
/// <param name="Format"><c>name</c> for the column that identifies the row.</param>
/// <param name="Priority">0: always shown; above: only in wide output.</param>
public sealed record Column(string Name, string Type = "string", string Format = "", int Priority = 0)
{
    public static readonly Column NameColumn = new("Name", Format: "name");

    public static readonly Column Age = new("Age");

    public static Column Wide(string name) => new(name, Priority: 1);
}

/// <summary>How the objects of one resource look as rows.</summary>
/// <param name="Cells">One per column; null for nothing.</param>
internal sealed record TableDefinition(
    IReadOnlyList<Column> Columns, Func<JsonObject, DateTimeOffset, IEnumerable<JsonNode?>> Cells);
