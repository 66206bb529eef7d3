using Devloop.Ports;

namespace Devloop.Adapters.Kubernetes.PortForwarding;

/// <summary>The newest target, and a way to wait for another.</summary>
internal sealed class TargetCell
{
    private readonly Lock _gate = new();
    private ForwardTarget? _target;
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>The target now, and a task that ends when it is replaced.</summary>
    public (ForwardTarget? Target, Task Changed) Read()
    {
        lock (_gate)
            return (_target, _changed.Task);
    }

    public void Set(ForwardTarget? target)
    {
        lock (_gate)
        {
            if (_target == target)
                return;
            _target = target;
            _changed.SetResult();
            _changed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
