using System.Text.Json.Nodes;
using Devloop.Model;
using Devloop.Ports;
using Devloop.Rollout;
using Devloop.Text;

namespace Devloop.Session;

/// <summary>One open port-forward: where it leads, and what was told of it. The same trouble with the same target is told once.</summary>
internal sealed class KeptForward(PortForward wanted, Action<SideNews> tell) : IAsyncDisposable
{
    private readonly Lock _lock = new();
    private IPortForward? _open;
    private JsonObject? _pod;
    private ForwardTarget? _target;
    private ForwardHealth? _told;
    private bool _toldUnknown;

    public PortForward Wanted => wanted;

    public void Opened(IPortForward open) => _open = open;

    public void See(ResourceView view)
    {
        JsonObject? pod = view.Workloads.Select(w => ForwardChoice.Choose(w, view.Owners, view.Pods)).FirstOrDefault(p => p is not null);
        int? port = pod is null ? null : ForwardChoice.Port(pod, wanted);
        bool isUnknown;
        lock (_lock)
        {
            isUnknown = pod is not null && port is null && !_toldUnknown;
            if (pod is not null)
                _toldUnknown = port is null;
            _pod = pod;
            _target = port is { } number ? new ForwardTarget(pod!.Text("metadata", "namespace") ?? "default", pod!.Name(), number) : null;
            _open!.PointAt(_target);
        }
        if (isUnknown)
            tell(new SideNews.Notice(ForwardTroubles.PortUnknown(wanted, pod!)));
    }

    /// <summary>What a connection met. Of a pod that is not the target any more nothing is told: its successor has its connections.</summary>
    public void Hear(ForwardHealth health)
    {
        SideNews? news = null;
        lock (_lock)
        {
            // What keeps a pod from being ready is told as the state of its resource.
            if (health.Target != _target || (health.Fault is ForwardFault.NothingListens or ForwardFault.Unreachable && !PodState.Of(_pod!).Ready))
                return;
            if (health.Fault is not null && (health.Target, health.Fault) != (_told?.Target, _told?.Fault))
            {
                _told = health;
                news = new SideNews.Notice(ForwardTroubles.Of(wanted, health, _pod!));
            }
            else if (health.Fault is null && _told is not null)
            {
                _told = null;
                news = new SideNews.Remark($"`{wanted.LocalText}` is answered by pod `{health.Target.Pod}` again");
            }
        }
        if (news is not null)
            tell(news);
    }

    public ValueTask DisposeAsync() => _open?.DisposeAsync() ?? ValueTask.CompletedTask;
}
