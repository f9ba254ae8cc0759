using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Selection;

namespace Causeway.Lab.ApiServer.Store;

/// <summary>An object at one revision: immutable UTF-8 JSON, parsed only where somebody asks.</summary>
public sealed class StoredObject(ObjectKey key, long revision, byte[] json)
{
    private static readonly byte[] StampPrefix = "\"metadata\":{\"resourceVersion\":\""u8.ToArray();

    private IReadOnlyDictionary<string, string>? _labels;
    private IReadOnlyDictionary<string, string>? _fields;

    public ObjectKey Key => key;

    /// <summary>Its resourceVersion: the store's revision at which it was written.</summary>
    public long Revision => revision;

    public ReadOnlyMemory<byte> Json => json;

    public IReadOnlyDictionary<string, string> Labels => _labels ??= JsonScan.Labels(json);

    /// <summary>Values of scalar fields by dotted path: what field selectors can ask for. Absent ones are
    /// missing.</summary>
    public IReadOnlyDictionary<string, string> Fields => _fields ??= JsonScan.Selectable(json);

    /// <summary>A fresh tree, the caller's to change.</summary>
    public JsonObject Parse() => JsonNode.Parse(json)!.AsObject();

    /// <summary>The same object as of a later revision: what watchers see of an object that went.</summary>
    public StoredObject WithRevision(long later)
    {
        var start = json.AsSpan().IndexOf(StampPrefix) + StampPrefix.Length;
        var length = json.AsSpan(start).IndexOf((byte)'"');
        var stamp = Encoding.UTF8.GetBytes(later.ToString(CultureInfo.InvariantCulture));
        byte[] changed = [.. json.AsSpan(0, start), .. stamp, .. json.AsSpan(start + length)];
        return new(key, later, changed);
    }
}
