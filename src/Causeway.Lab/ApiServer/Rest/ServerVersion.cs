using System.Text.Json.Nodes;

namespace Causeway.Lab.ApiServer.Rest;

/// <summary>The release of Kubernetes whose API this server speaks.</summary>
internal static class ServerVersion
{
    public static JsonObject Document => new()
    {
        ["major"] = "1", ["minor"] = "32", ["gitVersion"] = "v1.32.0+causeway", ["gitCommit"] = "",
        ["gitTreeState"] = "clean", ["buildDate"] = "2024-12-11T00:00:00Z", ["goVersion"] = "none",
        ["compiler"] = "dotnet", ["platform"] = "linux/amd64",
    };
}
