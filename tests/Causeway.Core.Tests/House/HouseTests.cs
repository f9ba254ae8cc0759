using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace Causeway.Core.Tests.House;

/// <summary>The rules of the house that a compiler does not check.</summary>
public sealed partial class HouseTests
{
    private static readonly string Root = FindRoot();

    private static readonly Dictionary<string, string[]> AllowedReferences = new()
    {
        ["Causeway.Core"] = [],
        ["Causeway.Linux"] = ["Causeway.Core"],
        ["Causeway.Kubernetes"] = ["Causeway.Core"],
        ["Causeway.Lab"] = ["Causeway.Core", "Causeway.Linux", "Causeway.Kubernetes"],
        ["Causeway.Cni"] = ["Causeway.Core", "Causeway.Linux"],
        ["Causeway"] = ["Causeway.Core", "Causeway.Linux", "Causeway.Kubernetes", "Causeway.Lab"],
    };

    // In Core, a feature sees the shared rooms only; Trace begins with a lookup, Diagnosis sees Trace.
    private static readonly string[] SharedRooms = ["Addressing", "Cluster", "Dataplane", "Wire"];
    private static readonly Dictionary<string, string[]> MoreRooms = new()
    {
        ["Diagnosis"] = ["Trace"], ["Trace"] = ["Naming"],
    };

    [Fact]
    public void Projects_reference_only_what_lies_below_them()
    {
        foreach (var (project, allowed) in AllowedReferences)
        {
            var text = File.ReadAllText(Path.Combine(Root, "src", project, project + ".csproj"));
            var references = ProjectReference().Matches(text).Select(m => m.Groups["name"].Value);
            Assert.Empty(references.Except(allowed));
        }
    }

    [Fact]
    public void Features_of_the_core_see_only_the_shared_rooms()
    {
        var core = Path.Combine(Root, "src", "Causeway.Core");
        List<string> offences = [];
        foreach (var file in Directory.EnumerateFiles(core, "*.cs", SearchOption.AllDirectories).Where(IsSource))
        {
            var room = Path.GetRelativePath(core, file).Split('/')[0];
            if (room.EndsWith(".cs", StringComparison.Ordinal)) continue;
            string[] allowed = [room, .. SharedRooms, .. MoreRooms.GetValueOrDefault(room, [])];
            if (SharedRooms.Contains(room)) allowed = [.. SharedRooms];
            offences.AddRange(CoreRoom().Matches(File.ReadAllText(file))
                .Select(m => m.Groups["name"].Value)
                .Where(used => !allowed.Contains(used) && Directory.Exists(Path.Combine(core, used)))
                .Select(used => $"{Path.GetRelativePath(Root, file)} uses {used}"));
        }
        Assert.Empty(offences.Distinct());
    }

    [Fact]
    public void The_core_does_no_input_or_output()
    {
        string[] banned = ["System.Net.Sockets.Socket ", "System.IO.File", "File.Read", "File.Write", "Console.", "new Thread(", "DllImport", "LibraryImport", "Environment.Get"];
        Assert.Empty(Offences("Causeway.Core", text => banned.Where(b => text.Contains(b, StringComparison.Ordinal))));
    }

    [Fact]
    public void Native_calls_live_in_one_project()
    {
        foreach (var project in AllowedReferences.Keys.Where(p => p != "Causeway.Linux"))
            Assert.Empty(Offences(project, text => text.Contains("LibraryImport", StringComparison.Ordinal) ? ["LibraryImport"] : []));
    }

    [Fact]
    public void No_file_is_longer_than_500_lines() => Assert.DoesNotContain(
        Sources(Path.Combine(Root, "src")).Concat(Sources(Path.Combine(Root, "tests")))
            .Select(f => (File: Path.GetRelativePath(Root, f), Lines: File.ReadLines(f).Count())),
        f => f.Lines > 500);

    [Fact]
    public void Folders_are_named_by_feature()
    {
        string[] banned = ["Services", "Managers", "Helpers", "Utils", "Common", "Misc"];
        Assert.DoesNotContain(
            Directory.EnumerateDirectories(Path.Combine(Root, "src"), "*", SearchOption.AllDirectories),
            d => banned.Contains(Path.GetFileName(d)) && !d.Contains("/Causeway.Core/Services", StringComparison.Ordinal));
    }

    [Fact]
    public void Namespaces_follow_folders()
    {
        List<string> offences = [];
        foreach (var file in Sources(Path.Combine(Root, "src")))
        {
            var declared = NamespaceLine().Match(File.ReadAllText(file));
            if (!declared.Success) continue;
            var folder = Path.GetDirectoryName(Path.GetRelativePath(Path.Combine(Root, "src"), file))!.Replace('/', '.');
            if (declared.Groups["name"].Value != folder) offences.Add($"{Path.GetRelativePath(Root, file)}: {declared.Groups["name"].Value}");
        }
        Assert.Empty(offences);
    }

    private static IEnumerable<string> Offences(string project, Func<string, IEnumerable<string>> find) =>
        Sources(Path.Combine(Root, "src", project)).SelectMany(
            file => find(File.ReadAllText(file)).Select(what => $"{Path.GetRelativePath(Root, file)}: {what}"));

    private static IEnumerable<string> Sources(string folder) =>
        Directory.EnumerateFiles(folder, "*.cs", SearchOption.AllDirectories).Where(IsSource);

    private static bool IsSource(string path) =>
        !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal);

    private static string FindRoot([CallerFilePath] string here = "") =>
        Path.GetFullPath(Path.Combine(Path.GetDirectoryName(here)!, "..", "..", ".."));

    [GeneratedRegex("ProjectReference Include=\"[^\"]*/(?<name>Causeway[^/\"]*)\\.csproj\"", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex ProjectReference();

    [GeneratedRegex(@"Causeway\.Core\.(?<name>[A-Z]\w+)", RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex CoreRoom();

    [GeneratedRegex(@"^namespace (?<name>[\w.]+);", RegexOptions.Multiline | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex NamespaceLine();
}
