using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using TorchSharp.Modules;

namespace TorchSharp;

public static partial class torch
{
    public static partial class nn
    {
        // Moving a module to another element type or device replaces its parameters and buffers by new tensors: an
        // optimizer is therefore made after the move. Integer tensors keep their element type.
        public partial class Module
        {
            protected DeviceType _deviceType = DeviceType.CPU;
            protected int _deviceIndex = -1;

            public Module _to(Tensor other, bool non_blocking)
            {
                _to(other.dtype, non_blocking);
                return _to(other.device_type, other.device_index, non_blocking);
            }

            protected internal virtual Module _to(Device device, ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                _toEpilog(dtype, device, non_blocking);
                return this;
            }

            protected internal virtual Module _to(DeviceType deviceType, int deviceIndex, bool non_blocking)
            {
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);
                return this;
            }

            protected internal virtual Module _to(ScalarType dtype, bool non_blocking)
            {
                CheckType(dtype);
                _toEpilog(dtype, null, non_blocking);
                return this;
            }

            protected void _toEpilog(ScalarType dtype, bool non_blocking) => _toEpilog(dtype, null, non_blocking);

            protected void _toEpilog(Device device, ScalarType dtype, bool non_blocking) => _toEpilog(dtype, device, non_blocking);

            protected void _toEpilog(DeviceType deviceType, int deviceIndex, bool non_blocking) =>
                _toEpilog(null, new Device(deviceType, deviceIndex), non_blocking);

            /// <summary>Converts the submodules, then what this module holds itself, in its lists and in its fields.</summary>
            protected virtual void _toEpilog(ScalarType? dtype, Device? device, bool non_blocking)
            {
                if (dtype is null && device is null)
                    throw new ArgumentNullException(nameof(dtype), "dtype and device are both null.");
                foreach (var (_, module) in named_children())
                {
                    if (device is null) module._to(dtype!.Value, non_blocking);
                    else if (dtype is null) module._to(device.type, device.index, non_blocking);
                    else module._to(device, dtype.Value, non_blocking);
                }

                var fields = ComponentFields().ToLookup(entry => entry.Component, entry => entry.Field);
                foreach (var (key, parameter) in _internal_params.ToArray<(string, Parameter)>())
                    if (ReplaceParameter(dtype, device, parameter, out var replacement))
                    {
                        Assign(fields[key], replacement);
                        ConditionallyRegisterParameter(key, replacement);
                        parameter.Dispose();
                    }

                foreach (var (key, (buffer, persistent)) in _internal_buffers.ToArray<(string, (Tensor, bool))>())
                    if (ReplaceBuffer(dtype, device, buffer, out var replacement))
                    {
                        Assign(fields[key], replacement);
                        ConditionallyRegisterBuffer(key, replacement, persistent);
                    }

                if (device is null) return;
                _deviceType = device.type;
                _deviceIndex = device.index;
            }

            /// <summary>False when the buffer is as it should be; else the new tensor, and the old one is disposed.</summary>
            protected static bool ReplaceBuffer(
                ScalarType? dtype, Device? device, Tensor buffer, [NotNullWhen(true)] out Tensor? result)
            {
                result = null;
                var type = dtype is { } wanted && IsConvertible(buffer.dtype) ? wanted : buffer.dtype;
                if (!WillCopy(buffer, type, device)) return false;
                result = buffer.to(type, device ?? buffer.device);
                result.DetachFromDisposeScope();
                buffer.Dispose();
                return true;
            }

            /// <summary>
            /// False when the parameter is as it should be; else a new one with the same gradient setting, and with the
            /// gradient converted along. The old one still lives.
            /// </summary>
            protected static bool ReplaceParameter(
                ScalarType? dtype, Device? device, Parameter param, [NotNullWhen(true)] out Parameter? p)
            {
                p = null;
                var type = dtype is { } wanted && IsConvertible(param.dtype) ? wanted : param.dtype;
                using var gradient = param.grad;
                if (!WillCopy(param, type, device) && (gradient is null || !WillCopy(gradient, type, device))) return false;

                using var _ = no_grad();
                p = new Parameter(param.to(type, device ?? param.device, copy: true), param.requires_grad);
                p.DetachFromDisposeScope();
                if (gradient is null) return true;
                using var converted = gradient.to(type, device ?? param.device, copy: true);
                p.grad = converted;
                return true;
            }

            private static bool WillCopy(Tensor tensor, ScalarType type, Device? device) =>
                type != tensor.dtype || (device is not null && (device.type != tensor.device_type
                    || (device.type != DeviceType.CPU && device.index >= 0 && device.index != tensor.device_index)));

            private static bool IsConvertible(ScalarType type) => type is ScalarType.Float16 or ScalarType.BFloat16
                or ScalarType.Float32 or ScalarType.Float64 or ScalarType.ComplexFloat32 or ScalarType.ComplexFloat64;

            private static void CheckType(ScalarType dtype)
            {
                if (!IsConvertible(dtype))
                    throw new ArgumentException(
                        $"nn.Module.to only accepts floating point or complex types, but got desired dtype={dtype}", nameof(dtype));
            }

            private void Assign(IEnumerable<FieldInfo> fields, Tensor value)
            {
                foreach (var field in fields)
                    if (field.FieldType.IsInstanceOfType(value))
                        field.SetValue(this, value);
            }
        }
    }
}
