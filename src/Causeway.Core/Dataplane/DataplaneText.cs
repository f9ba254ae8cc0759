namespace Causeway.Core.Dataplane;

/// <summary>Entries in the words of the kernel's own tools.</summary>
public static class DataplaneText
{
    public static string Print(Entry entry) => entry.Key.ToString();
}
