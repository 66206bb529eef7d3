using Google.Protobuf;
using Microsoft.AspNetCore.Http;

namespace Devloop.Adapters.BuildKit.Grpc;

/// <summary>The methods one session offers: gRPC path to handler.</summary>
internal sealed class GrpcServices
{
    public delegate Task Handler(HttpContext context);

    public Dictionary<string, Handler> Methods { get; } = new(StringComparer.Ordinal);

    public void AddUnary<TRequest, TResponse>(string path, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, ValueTask<TResponse>> handle)
        where TRequest : class, IMessage<TRequest>
        where TResponse : IMessage
    {
        Methods[path] = async context =>
        {
            TRequest request = await GrpcFrame.ReadAsync(context.Request.BodyReader, parser, context.RequestAborted).ConfigureAwait(false)
                ?? throw new GrpcException(GrpcCode.InvalidArgument, "no request message");
            TResponse response = await handle(request, context.RequestAborted).ConfigureAwait(false);
            GrpcFrame.Write(context.Response.BodyWriter, response);
            await context.Response.BodyWriter.FlushAsync(context.RequestAborted).ConfigureAwait(false);
        };
    }
}
