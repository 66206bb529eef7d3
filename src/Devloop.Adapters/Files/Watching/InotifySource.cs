using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Text;

namespace Devloop.Adapters.Files.Watching;

/// <summary>
/// inotify(7) on trees: a watch a directory. A new directory is watched first and listed then, so that nothing made in it meanwhile
/// is missed. All state belongs to the thread that reads events, after the start.
/// </summary>
internal sealed class InotifySource : IDisposable
{
    private const int NonBlocking = 0x800;      // IN_NONBLOCK, EFD_NONBLOCK
    private const int CloseOnExec = 0x80000;    // IN_CLOEXEC, EFD_CLOEXEC
    private const int EventHead = 16;           // wd, mask, cookie, len
    private const short CanRead = 1;            // POLLIN
    private const int TryAgain = 11;            // EAGAIN
    private const int Interrupted = 4;          // EINTR
    private const int TooManyInstances = 24;    // EMFILE

    private readonly int _handle;
    private readonly int _stop;
    private readonly ChangeCollector _changes;
    private readonly WatchTable _table;
    private readonly Thread _reader;

    private InotifySource(string[] roots, ChangeCollector changes)
    {
        _changes = changes;
        _handle = NativeMethods.InotifyInit(NonBlocking | CloseOnExec);
        if (_handle < 0)
        {
            int error = Marshal.GetLastPInvokeError();
            throw error == TooManyInstances ? WatchLimit.Instances() : WatchLimit.Failed("inotify_init1", error);
        }
        _stop = NativeMethods.EventHandle(0, NonBlocking | CloseOnExec);
        _table = new WatchTable(_handle, roots, changes.Add);
        _reader = new Thread(ReadLoop) { IsBackground = true, Name = "file watcher" };
    }

    /// <summary>Returns when all watches stand.</summary>
    public static InotifySource Start(string[] roots, ChangeCollector changes)
    {
        var source = new InotifySource(roots, changes);
        try
        {
            source._table.EnsureRoots(report: false);
        }
        catch
        {
            source.CloseHandles();
            throw;
        }
        source._reader.Start();
        return source;
    }

    public void Dispose()
    {
        Span<byte> one = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(one, 1);
        NativeMethods.Write(_stop, one, one.Length);
        _reader.Join();
        CloseHandles();
    }

    private void CloseHandles()
    {
        NativeMethods.Close(_handle);
        NativeMethods.Close(_stop);
    }

    private void ReadLoop()
    {
        try
        {
            byte[] buffer = new byte[64 * 1024];
            while (true)
            {
                NativeMethods.PollEntry[] entries = [new() { Handle = _handle, Wanted = CanRead }, new() { Handle = _stop, Wanted = CanRead }];
                if (NativeMethods.Poll(entries, 2, -1) < 0 && Marshal.GetLastPInvokeError() != Interrupted)
                    throw WatchLimit.Failed("poll", Marshal.GetLastPInvokeError());
                if (entries[1].Happened != 0)
                    return;
                nint count = NativeMethods.Read(_handle, buffer, buffer.Length);
                if (count > 0)
                    TakeAll(buffer.AsSpan(0, (int)count));
                else if (Marshal.GetLastPInvokeError() is not (TryAgain or Interrupted) and var error)
                    throw WatchLimit.Failed("read", error);
            }
        }
        catch (Exception e)
        {
            _changes.Fail(e); // thrown where the watch is awaited
        }
    }

    private void TakeAll(ReadOnlySpan<byte> events)
    {
        while (events.Length >= EventHead)
        {
            int watch = MemoryMarshal.Read<int>(events);
            var mask = (InotifyMask)MemoryMarshal.Read<uint>(events[4..]);
            int length = MemoryMarshal.Read<int>(events[12..]);
            ReadOnlySpan<byte> padded = events.Slice(EventHead, length);
            int end = padded.IndexOf((byte)0);
            Take(watch, mask, Encoding.UTF8.GetString(end < 0 ? padded : padded[..end]));
            events = events[(EventHead + length)..];
        }
    }

    private void Take(int watch, InotifyMask mask, string name)
    {
        if ((mask & (InotifyMask.QueueOverflow | InotifyMask.Unmounted)) != 0)
        {
            _changes.Overflow();
            _table.EnsureRoots(report: false);
            return;
        }
        if ((mask & InotifyMask.Ignored) != 0)
            _table.Forget(watch);
        else if (name.Length == 0)
            _table.OnSelf(watch, mask);
        else if (name != WatchedPath.Ignored)
            _table.OnEntry(watch, mask, name);
    }
}
