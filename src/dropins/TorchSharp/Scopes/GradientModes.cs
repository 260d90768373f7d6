using TorchSharp.Interop;

namespace TorchSharp;

/// <summary>Switches the recording of gradients on this thread, until disposed.</summary>
internal sealed class GradMode : IDisposable
{
    private readonly int _before = Native.ht_grad_mode();

    public GradMode(bool enabled) => Native.ht_set_grad_mode(enabled ? 1 : 0);

    public void Dispose() => Native.ht_set_grad_mode(_before);
}

/// <summary>
/// libtorch's inference mode on this thread, until disposed: like no_grad, and tensors made in it carry no version
/// counters. It must end on the thread it began on, so it has no finalizer.
/// </summary>
internal sealed class InferenceMode(bool mode) : IDisposable
{
    private nint _guard = Native.ht_enter_inference_mode(mode ? 1 : 0);

    public void Dispose()
    {
        if (_guard == 0) return;
        Native.ht_leave_inference_mode(_guard);
        _guard = 0;
    }
}

public static partial class torch
{
    public static IDisposable no_grad() => new GradMode(false);

    public static IDisposable enable_grad(bool enabled = true) => new GradMode(enabled);

    public static IDisposable set_grad_enabled(bool mode = true) => new GradMode(mode);

    public static bool is_grad_enabled() => Native.ht_grad_mode() != 0;

    public static IDisposable inference_mode(bool mode = true) => new InferenceMode(mode);

    public static bool is_inference_mode_enabled() => Native.ht_inference_mode() != 0;
}
