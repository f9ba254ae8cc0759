using System.Text;
using Causeway.Lab.ApiServer.Streams;
using Causeway.Lab.Kubelet.Containers;
using Causeway.Lab.Kubelet.Streams;

namespace Causeway.Lab.Tests.Kubelet;

public sealed class LogReaderTests
{
    [Fact]
    public async Task Who_follows_a_log_gets_every_line_also_of_the_files_that_came_after_it_was_full()
    {
        var folder = Directory.CreateTempSubdirectory("causeway-log-");
        try
        {
            var log = new ContainerLog(Path.Combine(folder.FullName, "0.log"), TimeProvider.System);
            using var output = new MemoryStream();
            var request = new PodLogRequest("n1", "ns", "p", "uid", "c", Follow: true, false, false, null, null, null);
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            var reading = new LogReader(log, request).WriteAsync(output, patience.Token);
            // A file is full at 16 MiB: two take the place of the first.
            var filler = new string('x', 64 * 1024 - 10);
            var lines = 0;
            for (var i = 0; i < 600; i++)
            {
                log.Take(Encoding.ASCII.GetBytes($"{lines++} {filler}\n"));
                // The reader keeps up.
                while (output.Length < (long)lines * (64 * 1024 - 16)) await Task.Delay(1, patience.Token);
            }
            log.Take([]);
            await reading;
            Assert.Equal(2, log.Rotations);
            var read = Encoding.ASCII.GetString(output.ToArray()).Split('\n', StringSplitOptions.RemoveEmptyEntries);
            Assert.Equal(Enumerable.Range(0, lines), read.Select(l => int.Parse(l.Split(' ')[0], System.Globalization.CultureInfo.InvariantCulture)));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
