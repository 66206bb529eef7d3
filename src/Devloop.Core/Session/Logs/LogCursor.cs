using Devloop.Ports;

namespace Devloop.Session.Logs;

/// <summary>
/// Knows which lines of a log were read, so that a stream can be opened anew where it broke. Several lines may carry one time, so those of
/// the last time are counted.
/// </summary>
internal sealed class LogCursor(DateTimeOffset? since)
{
    private DateTimeOffset? _last;
    private int _lines;
    private int _skip;

    /// <summary>From when on to ask; lines of that moment may have been read before.</summary>
    public DateTimeOffset? Since => _last ?? since;

    /// <summary>A stream from <see cref="Since"/> is opened.</summary>
    public void Reopen() => _skip = _lines;

    /// <summary>Whether a line was not read before.</summary>
    public bool Takes(LogLine line)
    {
        if (_last is { } last)
        {
            if (line.At < last)
                return false;
            if (line.At == last)
            {
                if (_skip > 0)
                {
                    _skip--;
                    return false;
                }
                _lines++;
                return true;
            }
        }
        else if (since is { } from && line.At < from)
        {
            // Servers count in whole seconds.
            return false;
        }
        (_last, _lines, _skip) = (line.At, 1, 0);
        return true;
    }
}
