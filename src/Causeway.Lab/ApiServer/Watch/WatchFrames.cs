using System.Buffers;
using System.Globalization;
using System.IO.Pipelines;
using System.Text;
using System.Text.Json.Nodes;
using Causeway.Lab.ApiServer.Rest;
using Causeway.Lab.ApiServer.Store;
using Causeway.Lab.ApiServer.Tables;

namespace Causeway.Lab.ApiServer.Watch;

/// <summary>
/// Writes the frames of one watch. The stored bytes of an object are the bytes on the wire; where a watch
/// wants another form, it is made once per event and shared with every watch that wants the same.
/// </summary>
internal sealed class WatchFrames(ServerContext server, ApiRequest request, ObjectForm form)
{
    private readonly IncludeObject _include = TableWriter.IncludeOf(request);
    private bool _columnsSent;

    public static byte[] Error(StatusException error) =>
        Responses.Utf8(new JsonObject { ["type"] = "ERROR", ["object"] = error.Status.DeepClone() });

    public void WriteInitial(PipeWriter output, StoredObject value) => Write(output, "ADDED", Render(value));

    /// <param name="isLast">The watcher sees the object for the last time: as it was when it was still
    /// selected.</param>
    public void Write(PipeWriter output, string type, StoreEvent entry, bool isLast)
    {
        var isPlain = form == ObjectForm.Json || (form == ObjectForm.Table && !_columnsSent);
        var value = isLast ? entry.Last : entry.Object;
        var body = isPlain
            ? Render(value)
            : entry.Rendering($"{form} {_include} {request.Type.ApiVersion} {isLast}", _ => Render(value));
        Write(output, type, body);
    }

    /// <param name="endOfInitial">Says that all initial events were sent (KEP-3157).</param>
    public void WriteBookmark(PipeWriter output, long revision, bool endOfInitial)
    {
        JsonObject metadata = new()
        {
            ["resourceVersion"] = revision.ToString(CultureInfo.InvariantCulture),
            ["creationTimestamp"] = null,
        };
        if (endOfInitial) metadata["annotations"] = new JsonObject { ["k8s.io/initial-events-end"] = "true" };
        var (kind, apiVersion) = form == ObjectForm.Metadata
            ? ("PartialObjectMetadata", "meta.k8s.io/v1") : (request.Type.Kind, request.Type.ApiVersion);
        var mark = form == ObjectForm.Table
            ? TableWriter.Start(request.Type, revision, withColumns: false)
            : new JsonObject { ["kind"] = kind, ["apiVersion"] = apiVersion, ["metadata"] = metadata };
        if (form == ObjectForm.Table && endOfInitial) mark["metadata"] = metadata;
        Write(output, "BOOKMARK", Responses.Utf8(mark));
    }

    private static void Write(PipeWriter output, string type, ReadOnlyMemory<byte> value)
    {
        output.Write("{\"type\":\""u8);
        Encoding.ASCII.GetBytes(type, output);
        output.Write("\",\"object\":"u8);
        output.Write(value.Span);
        output.Write("}\n"u8);
    }

    private ReadOnlyMemory<byte> Render(StoredObject value)
    {
        switch (form)
        {
            case ObjectForm.Metadata:
                return Responses.Utf8(PartialMetadata.Of(Conversion.Served(request.Type, value)));
            case ObjectForm.Table:
                var table = TableWriter.Start(request.Type, value.Revision, !_columnsSent);
                _columnsSent = true;
                TableWriter.AddRow(table, request.Type, value, _include, server.Now);
                return Responses.Utf8(table);
            default:
                return Conversion.Render(request.Type, value);
        }
    }
}
