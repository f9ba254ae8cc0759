using System.Text.Json.Nodes;
using Causeway.Core;
using Causeway.Lab.ApiServer.Schema;
using Causeway.Lab.ApiServer.Schema.OpenApi;
using CsCheck;

namespace Causeway.Lab.Tests.ApiServer.Schema;

public sealed class ProtobufBodyTests
{
    private static byte[] Body(string apiVersion, string kind, Action<ProtobufWriter> write)
    {
        var writer = new ProtobufWriter();
        writer.Message(1, (apiVersion, kind), static (w, type) =>
        {
            w.Text(1, type.apiVersion);
            w.Text(2, type.kind);
        });
        writer.Message(2, write, static (w, inner) => inner(w));
        return [.. ProtobufBody.Magic, .. writer.Written];
    }

    private static JsonObject Read(string apiVersion, string kind, Action<ProtobufWriter> write) =>
        BodyParser.Parse(Body(apiVersion, kind, write)).Object;

    private static void Metadata(ProtobufWriter writer, string name) => writer.Message(1, name, static (w, n) =>
    {
        w.Text(1, n);
        w.Message(8, 0, static (_, _) => { });
    });

    [Fact]
    public void Text_maps_and_lists_read_as_json_has_them() => Shapes.Same(
        """{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"c"},"data":{"a":"1","b":""},"binaryData":{"x":"AQI="}}""",
        Read("v1", "ConfigMap", w =>
        {
            Metadata(w, "c");
            foreach (var (key, value) in new[] { ("a", "1"), ("b", "") })
                w.Message(2, (key, value), static (e, pair) =>
                {
                    e.Text(1, pair.key);
                    e.Text(2, pair.value);
                });
            w.Message(3, 0, static (e, _) =>
            {
                e.Text(1, "x");
                e.Text(2, "\u0001\u0002");
            });
        }));

    [Fact]
    public void Numbers_ports_quantities_and_inlined_messages_find_their_fields() => Shapes.Same(
        """
        {"apiVersion":"v1","kind":"Pod","metadata":{"name":"p"},"spec":{
         "volumes":[{"name":"v","emptyDir":{}}],
         "containers":[{"name":"a","ports":[{"containerPort":80}],"resources":{"limits":{"cpu":"500m"}},
          "livenessProbe":{"httpGet":{"port":"http"}},"readinessProbe":{"tcpSocket":{"port":8080}}}]}}
        """,
        Read("v1", "Pod", w =>
        {
            Metadata(w, "p");
            w.Message(2, 0, static (spec, _) =>
            {
                spec.Message(1, 0, static (volume, _) =>
                {
                    volume.Text(1, "v");
                    volume.Message(2, 0, static (source, _) => source.Message(2, 0, static (_, _) => { }));
                });
                spec.Message(2, 0, static (container, _) => Container(container));
            });
        }));

    private static void Container(ProtobufWriter container)
    {
        container.Text(1, "a");
        container.Message(6, 0, static (port, _) => port.Integer(3, 80));
        container.Message(8, 0, static (resources, _) => resources.Message(1, 0, static (limit, _) =>
        {
            limit.Text(1, "cpu");
            limit.Message(2, 0, static (quantity, _) => quantity.Text(1, "500m"));
        }));
        container.Message(10, 0, static (probe, _) => probe.Message(1, 0, static (handler, _) =>
            handler.Message(2, 0, static (get, _) => get.Message(2, 0, static (port, _) =>
            {
                port.Integer(1, 1);
                port.Text(3, "http");
            }))));
        container.Message(11, 0, static (probe, _) => probe.Message(1, 0, static (handler, _) =>
            handler.Message(3, 0, static (socket, _) => socket.Message(1, 0, static (port, _) =>
                port.Integer(2, 8080)))));
    }

    [Fact]
    public void Times_read_as_text() => Assert.Equal("2026-01-02T03:04:05.000006Z",
        Read("coordination.k8s.io/v1", "Lease", w =>
        {
            Metadata(w, "l");
            w.Message(2, 0, static (spec, _) => spec.Message(4, 0, static (time, _) =>
            {
                time.Integer(1, new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero).ToUnixTimeSeconds());
                time.Integer(2, 6000);
            }));
        })["spec"]!["renewTime"]!.ToString());

    [Fact]
    public void A_kind_without_that_encoding_is_refused_by_name()
    {
        var e = Assert.Throws<InputException>(() => Read("causeway.dev/v1", "IPPool", w => Metadata(w, "p")));
        Assert.Contains("IPPool", e.Message);
    }

    [Fact]
    public void Damaged_bodies_never_do_worse_than_an_input_error()
    {
        var good = Body("v1", "Pod", w => w.Message(2, 0, static (spec, _) =>
            spec.Message(2, 0, static (container, _) => Container(container))));
        Gen.Select(Gen.Int[0, good.Length - 1], Gen.Byte, Gen.Int[5, good.Length]).Sample((at, value, length) =>
        {
            var bad = good[..length];
            if (at >= ProtobufBody.Magic.Length && at < length) bad[at] = value;
            try
            {
                BodyParser.Parse(bad);
            }
            catch (InputException)
            {
            }
        }, iter: 3000);
    }
}
