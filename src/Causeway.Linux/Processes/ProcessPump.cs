using System.Buffers;
using System.Diagnostics;
using System.Text;
using Causeway.Linux.Native;
using Microsoft.Win32.SafeHandles;

namespace Causeway.Linux.Processes;

/// <summary>One run of a program with its standard streams fed and collected by one thread.</summary>
internal sealed class ProcessPump
{
    private const int Chunk = 16 * 1024;

    private readonly ChildProcess _child;
    private readonly TimeSpan? _timeout;
    private readonly CancellationToken _cancellation;
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly SafeFileHandle _wake;
    private readonly SafeFileHandle _input;
    private readonly SafeFileHandle _output;
    private readonly SafeFileHandle _error;
    private readonly ArrayBufferWriter<byte> _outputBytes = new();
    private readonly ArrayBufferWriter<byte> _errorBytes = new();
    private readonly byte[] _inputBytes;
    private int _inputSent;

    public ProcessPump(ProcessStart start, string input, TimeSpan? timeout, CancellationToken cancellation)
    {
        _timeout = timeout;
        _cancellation = cancellation;
        _inputBytes = Encoding.UTF8.GetBytes(input);
        (var childInput, _input) = Pipe();
        (_output, var childOutput) = Pipe();
        (_error, var childError) = Pipe();
        _wake = Libc.EventFd(0, Libc.CloseOnExec);
        using (childInput)
        using (childOutput)
        using (childError)
        {
            _child = ProcessSpawner.Spawn(start with
            {
                Input = ChildStream.Descriptor(childInput),
                Output = ChildStream.Descriptor(childOutput),
                Error = ChildStream.Descriptor(childError),
                NewSession = true,
            });
        }
        SystemCallException.Check(
            Libc.Fcntl((int)_input.DangerousGetHandle(), 4 /* F_SETFL */, Libc.Nonblocking), "cannot set a pipe up");
    }

    public ProcessResult Run()
    {
        using var cancelled = _cancellation.UnsafeRegister(static pump => ((ProcessPump)pump!).Notify(), this);
        var notified = _child.Exited.ContinueWith(
            static (_, pump) => ((ProcessPump)pump!).Notify(), this, CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        try
        {
            if (_inputBytes.Length == 0) _input.Dispose();
            while (!Finished()) Step();
            return new(_child.Exited.GetAwaiter().GetResult(), _outputBytes.WrittenMemory, Encoding.UTF8.GetString(_errorBytes.WrittenSpan))
            {
                ProcessId = _child.Pid,
            };
        }
        finally
        {
            cancelled.Dispose();
            _input.Dispose();
            _output.Dispose();
            _error.Dispose();
            // The wake-up descriptor is closed last, when nobody signals any more.
            _ = notified.ContinueWith(
                static (_, wake) => ((SafeFileHandle)wake!).Dispose(), _wake, CancellationToken.None,
                TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    /// <summary>True once the program has ended and what it wrote is read. Descendants that hold the pipes
    /// open do not count.</summary>
    private bool Finished()
    {
        if (_cancellation.IsCancellationRequested)
        {
            _child.KillGroup(Signal.Kill);
            throw new OperationCanceledException($"'{_child.Program}' was cancelled", _cancellation);
        }
        if (_child.Exited.IsCompleted)
        {
            while (!(_output.IsClosed && _error.IsClosed) && Poll(0) > 0) { }
            return true;
        }
        if (_timeout is { } limit && Stopwatch.GetElapsedTime(_started) >= limit)
        {
            _child.KillGroup(Signal.Kill);
            throw new TimeoutException($"'{_child.Program}' did not end within {limit.TotalSeconds:0.###} s");
        }
        return false;
    }

    private void Step()
    {
        var wait = _timeout is { } limit ? limit - Stopwatch.GetElapsedTime(_started) : Timeout.InfiniteTimeSpan;
        Poll(_timeout is null ? -1 : Math.Max(1, (int)Math.Min(wait.TotalMilliseconds + 1, int.MaxValue)));
    }

    /// <summary>Moves what can be moved; how many pipes had something.</summary>
    private unsafe int Poll(int milliseconds)
    {
        PollDescriptor* set = stackalloc PollDescriptor[4];
        // A negative number is passed over by poll.
        set[0] = new() { Descriptor = Number(_output), Events = PollDescriptor.Readable };
        set[1] = new() { Descriptor = Number(_error), Events = PollDescriptor.Readable };
        set[2] = new() { Descriptor = Number(_input), Events = PollDescriptor.Writable };
        set[3] = new() { Descriptor = milliseconds == 0 ? -1 : Number(_wake), Events = PollDescriptor.Readable };
        if (Libc.Poll(set, 4, milliseconds) <= 0) return 0;
        if (set[0].Returned != 0) Read(_output, _outputBytes);
        if (set[1].Returned != 0) Read(_error, _errorBytes);
        if (set[2].Returned != 0) Feed();
        return (set[0].Returned != 0 ? 1 : 0) + (set[1].Returned != 0 ? 1 : 0);
    }

    private static unsafe void Read(SafeFileHandle from, ArrayBufferWriter<byte> to)
    {
        nint count;
        fixed (byte* buffer = to.GetSpan(Chunk)) count = Libc.Read(from, buffer, Chunk);
        if (count > 0) to.Advance((int)count);
        else from.Dispose();
    }

    private unsafe void Feed()
    {
        nint count;
        fixed (byte* bytes = _inputBytes)
            count = Libc.Write(_input, bytes + _inputSent, (nuint)(_inputBytes.Length - _inputSent));
        // A program that does not read its input to the end is no fault.
        if (count < 0) _input.Dispose();
        else if ((_inputSent += (int)count) == _inputBytes.Length) _input.Dispose();
    }

    private unsafe void Notify()
    {
        ulong one = 1;
        _ = Libc.Write(_wake, (byte*)&one, sizeof(ulong));
    }

    private static int Number(SafeFileHandle handle) => handle.IsClosed ? -1 : (int)handle.DangerousGetHandle();

    private static unsafe (SafeFileHandle Read, SafeFileHandle Write) Pipe()
    {
        var ends = stackalloc int[2];
        SystemCallException.Check(Libc.Pipe2(ends, Libc.CloseOnExec), "cannot make a pipe");
        return (new(ends[0], ownsHandle: true), new(ends[1], ownsHandle: true));
    }
}
