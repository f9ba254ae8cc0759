using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Json;

namespace Causeway.Lab.ApiServer.CustomResources;

/// <summary>The list <c>status.conditions</c> of an object.</summary>
public static class Conditions
{
    public static JsonObject? Find(JsonObject value, string type) =>
        value.Items("status", "conditions").OfType<JsonObject>().FirstOrDefault(c => c.Text("type") == type);

    public static bool IsTrue(JsonObject value, string type) => Find(value, type).Text("status") == "True";

    /// <summary>Adds or changes a condition; its transition time moves only when its status does.</summary>
    public static void Set(JsonObject value, string type, bool holds, string reason, string message,
        string now)
    {
        var status = value.Ensure("status");
        if (status["conditions"] is not JsonArray list) status["conditions"] = list = [];
        var text = holds ? "True" : "False";
        if (Find(value, type) is not { } condition)
        {
            condition = new() { ["type"] = type };
            list.Add((JsonNode)condition);
        }
        if (condition.Text("status") != text) condition["lastTransitionTime"] = now;
        condition["status"] = text;
        condition["reason"] = reason;
        condition["message"] = message;
    }
}
