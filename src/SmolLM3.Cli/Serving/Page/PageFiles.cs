using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.StaticFiles;
using Microsoft.Extensions.FileProviders;

namespace SmolLM3.Cli.Serving.Page;

/// <summary>The files beside this one, at <c>/</c>: they are part of the program, and load nothing from elsewhere.</summary>
internal static class PageFiles
{
    private const string Policy =
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        + "base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

    public static void UsePage(this IApplicationBuilder app)
    {
        var files = new EmbeddedFileProvider(typeof(PageFiles).Assembly, typeof(PageFiles).Namespace);
        app.UseDefaultFiles(new DefaultFilesOptions { FileProvider = files });
        app.UseStaticFiles(new StaticFileOptions { FileProvider = files, OnPrepareResponse = Protect });
    }

    private static void Protect(StaticFileResponseContext file)
    {
        IHeaderDictionary headers = file.Context.Response.Headers;
        headers.ContentSecurityPolicy = Policy;
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
        headers.CacheControl = "no-cache";
    }
}
