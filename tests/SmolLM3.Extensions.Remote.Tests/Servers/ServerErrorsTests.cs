using System.Net;
using System.Text.Json;
using SmolLM3.Extensions.Remote.Servers;

namespace SmolLM3.Extensions.Remote.Tests.Servers;

public sealed class ServerErrorsTests
{
    [Theory]
    [InlineData("""{"error":{"code":503,"message":"as told"}}""", HttpStatusCode.ServiceUnavailable)]
    [InlineData("""{"error":{"code":"overloaded","message":"as told"}}""", HttpStatusCode.InternalServerError)]
    [InlineData("""{"error":{"code":null,"message":"as told"}}""", HttpStatusCode.InternalServerError)]
    [InlineData("""{"error":"as told"}""", HttpStatusCode.InternalServerError)]
    public void An_error_in_a_stream_is_one_whatever_its_code_is(string message, HttpStatusCode status)
    {
        var error = Assert.IsType<ServerException>(
            ServerErrors.FromMessage(new Uri("http://here/"), JsonElement.Parse(message)));

        Assert.Equal((status, true), (error.StatusCode, error.IsTransient));
        Assert.Contains("as told", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void What_is_none_is_none() =>
        Assert.Null(ServerErrors.FromMessage(new Uri("http://here/"), JsonElement.Parse("""{"choices":[]}""")));
}
